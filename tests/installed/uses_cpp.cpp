// Exits 0 if the installed static library is of the release told as argument.
#include <tacit/client.h>

int main(int argc, char** argv) { return argc == 2 && tacit::version() == argv[1] ? 0 : 1; }

/* Exits 0 if the installed shared library is of the release told as argument. */
#include <string.h>
#include <tacit/tacit.h>

int main(int argc, char** argv) { return argc == 2 ? strcmp(tacit_version(), argv[1]) : 1; }

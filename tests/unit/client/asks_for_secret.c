/* `asks_for_secret NAME [PROMPT]`: what a C program does that needs a secret. Prints the value, and
 * exits 0; else prints why not, and exits 1. */
#include <stdio.h>

#include "tacit/tacit.h"

int main(int argc, char** argv) {
  tacit_client* client = tacit_client_new();
  tacit_buffer* value = NULL;
  tacit_error* error;
  int failed;
  if (argc < 2 || client == NULL) return 2;
  error = tacit_get_or_ask(client, NULL, argv[1], argc > 2 ? argv[2] : NULL, NULL, &value);
  if (error != NULL) {
    printf("%s: %s\n", tacit_reason_name(tacit_error_code(error)), tacit_error_message(error));
  } else {
    printf("<%.*s>\n", (int)tacit_buffer_size(value), (const char*)tacit_buffer_data(value));
  }
  failed = error != NULL;
  tacit_client_free(client);
  tacit_buffer_free(value);
  tacit_error_free(error);
  return failed;
}

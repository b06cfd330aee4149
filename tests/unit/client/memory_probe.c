/* memory_probe SOCKET VERB SIZE, VERB being get|keep|set: does one thing with the item `probe`
 * through tacit.h, says `done` and waits for the end of its input, so that its memory can be looked
 * at. `set` reads the value from its input; `keep` does not free what it got. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tacit/tacit.h"

static unsigned char value[768 * 1024];

static int fail(tacit_error* error) {
  fprintf(stderr, "%s\n", tacit_error_message(error));
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  tacit_client* client = tacit_client_new();
  tacit_client_set_socket(client, argv[1]);
  tacit_client_set_autostart(client, 0);
  if (strcmp(argv[2], "set") == 0) {
    size_t size = 0;
    size_t wanted = 0;
    if (sscanf(argv[3], "%zu", &wanted) != 1 || wanted > sizeof(value)) return 2;
    while (size < wanted) {
      const ssize_t count = read(0, value + size, wanted - size);
      if (count <= 0) return 3;
      size += (size_t)count;
    }
    tacit_error* error = tacit_set(client, NULL, "probe", value, size, NULL, NULL);
    tacit_wipe(value, sizeof(value));
    if (error != NULL) return fail(error);
  } else {
    tacit_item* item = NULL;
    tacit_error* error = tacit_get_item(client, NULL, "probe", 0, &item);
    if (error != NULL) return fail(error);
    if (strcmp(argv[2], "keep") != 0) tacit_item_free(item);
  }
  if (write(1, "done\n", 5) != 5) return 3;
  char end = 0;
  while (read(0, &end, 1) > 0) {
  }
  tacit_client_free(client);
  return 0;
}

// Linked instead of tacit_wipe into the build that proves the memory test can fail.
#include "daemon/os/wipe_mode.h"

extern "C" const int tacit_wipe_mode = tacit::kWipeWaived;

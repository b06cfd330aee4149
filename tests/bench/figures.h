// The figures, one function each. All print into `report` and throw std::runtime_error if
// something does not work; none fails for being slow.
#pragma once
#include "tests/bench/house.h"
#include "tests/bench/measure.h"

namespace tacit::bench {

/// Where something is scaled down in a quick run or up in a long one.
enum class Effort { kQuick, kNormal, kLong };

/// Times `command` and `floor` as whole processes in turn, under the same environment; in ms.
Figure against(const Strings& command, const Strings& floor, const Strings& environment, int runs);

// Whole processes against /bin/true, spawned in turn.
void figure_get_process(House& house, Effort effort, const Report& report);
void figure_run_process(House& house, Effort effort, const Report& report);
void figure_scan_process(House& house, Effort effort, const Report& report);
/// `import tacit` and a first get, against an empty program and against `keyring get`. Nothing
/// where there is no /usr/bin/python3.
void figure_python_process(House& house, Effort effort, const Report& report);

// Calls on an open connection, through libtacit.
void figure_warm_get(House& house, Effort effort, const Report& report);
void figure_throughput(House& house, Effort effort, const Report& report);
void figure_durable_set(House& house, Effort effort, const Report& report);
void figure_get_beside_writer(House& house, Effort effort, const Report& report);

/// Resident memory of a daemon with a big vault against one with an empty vault, both freshly
/// unlocked by passphrase.
void figure_daemon_memory(const Programs& programs, const std::string& scratch, Effort effort,
                          const Report& report);

}  // namespace tacit::bench

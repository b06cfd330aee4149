// Standard input, output and error, where whoever started us left one closed.
#pragma once

namespace tacit::cli {

/// Fills each closed one of 0, 1 and 2, so that nothing we open (the terminal, the daemon's
/// socket) takes its number and is then read or written for it. Reading or writing the filler
/// fails, as on a closed descriptor; it closes on exec, so that `run` hands on what it got.
void fill_standard_descriptors() noexcept;

}  // namespace tacit::cli

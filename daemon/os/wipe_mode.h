// Which of the two object libraries an executable links: tacit_wipe or tacit_wipe_waived.
#pragma once

namespace tacit {

inline constexpr int kWipeInForce = 1;
inline constexpr int kWipeWaived = 2;

}  // namespace tacit

/// Not there in an executable that links neither.
extern "C" __attribute__((weak)) const int tacit_wipe_mode;

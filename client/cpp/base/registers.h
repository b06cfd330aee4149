// Copying a secret leaves its last bytes in the processor's vector registers.
#pragma once

namespace tacit {

/// Clears the vector registers that a call may change. Needed after copying a secret: a program
/// that binds its functions lazily saves those registers on the stack at the next call of a
/// function that it has not called before (seen with glibc 2.36), where nobody would wipe them.
/// Nothing on processors other than x86-64 and AArch64.
void forget_vector_registers() noexcept;

}  // namespace tacit

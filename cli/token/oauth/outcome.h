// What came of a step of a renewal.
#pragma once
#include <string>
#include <utility>
#include <variant>

#include "tacit/tokens.h"

namespace tacit::oauth {

/// What went wrong, as the daemon is told it. `message` says what happened and what to do next,
/// and never holds a secret.
struct Failure {
  RenewalFailure kind = RenewalFailure::kRetry;
  std::string message;
};

/// Either a T or a Failure. Reading the wrong one is a bug and throws std::bad_variant_access.
template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Outcome(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  explicit operator bool() const noexcept { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Failure& failure() const { return std::get<1>(state_); }

 private:
  std::variant<T, Failure> state_;
};

}  // namespace tacit::oauth

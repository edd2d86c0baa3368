// A value, or what stands in its place when there is none. The subset of std::expected (C++23) that
// we use, under the same names, so that the day we can include <expected> this file is two aliases.
//
//   Result<T>   fails with an Error: trivially copyable, for the data path.
//   Outcome<T>  fails with a Failure: a sentence for a person, for everything that may be slow.
#pragma once

#include <cassert>
#include <utility>
#include <variant>

#include "base/error.h"

namespace airlane {

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& operator*() & noexcept { return *value(); }
  const T& operator*() const& noexcept { return *value(); }
  T&& operator*() && noexcept { return std::move(*value()); }
  T* operator->() noexcept { return value(); }
  const T* operator->() const noexcept { return value(); }

  [[nodiscard]] const E& error() const noexcept {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  [[nodiscard]] T* value() noexcept {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  [[nodiscard]] const T* value() const noexcept {
    assert(has_value());
    return std::get_if<0>(&state_);
  }

  std::variant<T, E> state_;
};

using Done = std::monostate;
using Status = Result<Done>;  // "It worked", or why it did not.

template <class T>
using Outcome = Result<T, Failure>;

}  // namespace airlane

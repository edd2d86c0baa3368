// Answers to whoever asked the control plane for something: always on a later turn of the loop than
// the question, also when the answer is clear at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/event/loop.h"
#include "base/result.h"

namespace airlane {

template <class T>
void answer_later(Loop& loop, const std::function<void(Outcome<T>)>& then, Failure failure) {
  loop.post([then, failure = std::move(failure)] { then(failure); });
}

inline Failure no_such_proxy(std::int64_t id) {
  return {Failure::Kind::kNotFound, "There is no proxy " + std::to_string(id) + "."};
}

}  // namespace airlane

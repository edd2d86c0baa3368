// How each of the farm's changes begins and ends. For the sources of the farm only.
#pragma once

#include <functional>
#include <utility>

#include "control/farm.h"
#include "control/then.h"

namespace airlane {

template <class T>
void Farm::change(Then<T> then, std::function<void(Then<T>)> work) {
  const bool accepted = changes_.add([then, work = std::move(work)](const Changes::Finish& finish) {
    work([then, finish](Outcome<T> outcome) {
      finish();
      then(std::move(outcome));
    });
  });
  if (!accepted) {
    answer_later<T>(control_, then,
                    {Failure::Kind::kUnavailable, "Too many changes are waiting; try again."});
  }
}

template <class T>
void Farm::publish_and_tell(const Then<T>& then, const T& what) {
  publish();
  surroundings_.settle([here = std::weak_ptr(here_), then, what] {
    if (!here.expired()) then(what);
  });
}

}  // namespace airlane

// Threads as we start them: with a name, and deaf to signals, which belong to the main thread.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace airlane {

std::thread start_thread(const std::string& name, std::function<void()> body);  // 15 bytes show.

}  // namespace airlane

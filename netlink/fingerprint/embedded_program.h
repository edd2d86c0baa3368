// egress.bpf.c as clang made it, an ELF object. Written at build by embed_program.cmake.
#pragma once

#include <cstddef>
#include <span>

namespace airlane {

std::span<const std::byte> embedded_program();

}  // namespace airlane

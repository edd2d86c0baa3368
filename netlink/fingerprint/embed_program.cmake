# cmake -D OUTPUT=FILE.cc -D OBJECT=FILE.o -P embed_program.cmake: writes the object as the bytes
# that embedded_program.h declares.
file(READ "${OBJECT}" bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n    " bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
set(source "// Made from egress.bpf.c by embed_program.cmake.\n")
string(APPEND source "#include \"netlink/fingerprint/embedded_program.h\"\n\nnamespace airlane {\n")
string(APPEND source "namespace {\n\n")
# libbpf reads it as a structure.
string(APPEND source "alignas(8) constexpr unsigned char kProgram[] = {\n    ${bytes}};\n\n")
string(APPEND source "}  // namespace\n\nstd::span<const std::byte> embedded_program() {\n")
string(APPEND source "  return std::as_bytes(std::span(kProgram));\n}\n\n}  // namespace airlane\n")
file(WRITE "${OUTPUT}" "${source}")

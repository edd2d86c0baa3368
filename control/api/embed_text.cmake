# cmake -D OUTPUT=FILE.cc -D INPUT=FILE -D HEADER=a/b.h -D NAME=function -P embed_text.cmake: writes
# a text file as the function `std::string_view airlane::api::NAME()` that HEADER declares.
file(READ "${INPUT}" text)
get_filename_component(name "${INPUT}" NAME)
file(WRITE "${OUTPUT}" "// Made from ${name} by control/api/embed_text.cmake.
#include \"${HEADER}\"

namespace airlane::api {

std::string_view ${NAME}() { return R\"text(${text})text\"; }

}  // namespace airlane::api
")

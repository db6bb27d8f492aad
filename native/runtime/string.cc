// Owns the one compiled copy of std::string that the addon's other files share.
//
// -D_GLIBCXX_EXTERN_TEMPLATE=0 tells the headers that no library has it. Without this file each object would
// carry its own copy of what it uses; the linker would fold them, but functions that the compiler
// assumes to be elsewhere would be missing. Must hold nothing but explicit instantiations.

#include <string>

template class std::basic_string<char>;

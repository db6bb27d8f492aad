// Entry of the native unit tests: `sriov-native-tests [PART-OF-A-NAME]`.
#include "test.h"

int main(int argc, char** argv) { return testing::RunAll(argc > 1 ? argv[1] : nullptr); }

// Linked to programs that leave their PID namespace, where AddressSanitizer checks them: at their
// end its search for leaks starts a thread, which such a process may not, and waits for it for
// ever.
extern "C" const char*
__asan_default_options();  // NOLINT(bugprone-reserved-identifier): the sanitizer's name
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "detect_leaks=0";
}

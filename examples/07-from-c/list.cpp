// Lists the entries of any library that attnc wrote, from its own description.
#include "attn/Runtime/ABI.h"
#include <dlfcn.h>
#include <iostream>
#include <string>

static std::string typeName(const attn_argument &argument) {
  if (argument.is_index)
    return "index";
  switch (argument.dtype.code) {
  case kDLBool:
    return "bool";
  case kDLBfloat:
    return "bf" + std::to_string(argument.dtype.bits);
  case kDLFloat:
    return "f" + std::to_string(argument.dtype.bits);
  case kDLUInt:
    return "u" + std::to_string(argument.dtype.bits);
  default:
    return "i" + std::to_string(argument.dtype.bits);
  }
}

static void print(const attn_entry &entry, const attn_argument &argument) {
  std::cout << argument.name;
  for (int d = 0; d < argument.rank; ++d) {
    std::cout << (d ? "," : "[");
    if (argument.symbols[d] >= 0)
      std::cout << entry.symbols[argument.symbols[d]];
    else
      std::cout << argument.shape[d];
  }
  std::cout << (argument.rank ? "] " : " ") << typeName(argument);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::cerr << "usage: list ./LIBRARY.so\n";
    return 2;
  }
  std::string path = argv[1], name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.rfind(".so"));
  void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void *symbol = handle ? dlsym(handle, (name + "_query").c_str()) : nullptr;
  if (!symbol) {
    std::cerr << dlerror() << '\n';
    return 3;
  }
  const char *error = nullptr;
  auto query = reinterpret_cast<attn_query_function>(symbol);
  const attn_library *library = query(ATTN_ABI_VERSION, &error);
  if (!library) {
    std::cerr << error << '\n';
    return 3;
  }
  std::cout << library->name << " for " << library->target << '\n';
  for (uint32_t e = 0; e < library->num_entries; ++e) {
    const attn_entry &entry = *library->entries[e];
    std::cout << "  " << entry.name << '(';
    for (uint32_t a = 0; a < entry.num_arguments; ++a) {
      if (a)
        std::cout << (a == entry.num_inputs ? ") -> " : ", ");
      print(entry, *entry.arguments[a]);
    }
    std::cout << '\n';
  }
}

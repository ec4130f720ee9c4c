// Shared by the .c files only.
#ifndef CLINUX_ADDRESS_H
#define CLINUX_ADDRESS_H

#include <sys/socket.h>

#include "CLinux.h"

socklen_t muster_kernel_address(const struct muster_address *from, struct sockaddr_storage *to);

#endif

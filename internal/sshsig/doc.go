// Package sshsig reads, writes, makes and checks signatures in the format that "ssh-keygen -Y" uses, and the
// allowed-signers files that say whose keys may sign: https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.sshsig and the
// section ALLOWED SIGNERS of ssh-keygen(1), which git shares.
//
// It promises the answers of OpenSSH, and where the two differ, the stricter one: keys of RSA with fewer than 2048 bits,
// DSA, and signatures over SHA-1 count for nothing, nothing may follow a signature, a security key must have been
// touched, and every line of an allowed-signers file must be understood. Times without a zone are UTC, where OpenSSH
// takes that of the machine: the answer is the same on every machine.
//
// It reads bytes and opens no file and no socket. What a signature permits is for others to say.
package sshsig

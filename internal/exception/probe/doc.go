// Package probe asks the questions of compensating checks over the network: whether an address answers as an exception
// says it does. It is used where the user asks for it (gate --probe) and nowhere else.
//
// What is asked comes from a file that somebody else may have written, and so may the names it leads to. It promises that
// only hosts are asked which the base's policy names, over TLS that is verified, and that no connection is begun to an
// address of a private, local or special network unless the policy names that: the address is looked at again when the
// socket is about to connect, after all resolving, so that a name that changes its mind changes nothing. A question is a
// GET without credentials, cookies, proxy or body; a redirect is an answer and is not followed; size, time and, in
// package register, the number of questions are bounded. Of an answer only whether it fits is told.
package probe

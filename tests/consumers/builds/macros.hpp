// Words that Qt and windows.h define as macros.
#define slots
#define signals public
#define emit
#define foreach for
#define forever for (;;)
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define near
#define far
#define small char
#define interface struct
#define IN
#define OUT
#define CONST const
#define DELETE (0x00010000L)
#define VOID void
#define TRUE 1
#define FALSE 0
#define ERROR 0
#define NO_ERROR 0L

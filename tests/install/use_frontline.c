/* A stranger's reader: no engine listens there, and the library says so. */
#include <redress/frontline.h>

#include <stdio.h>

int main(void)
{
    struct frontline_reader *reader;
    enum redress_status status = redress_frontline_attach("/nowhere/frontline.sock", &reader);
    printf("frontline: %s\n", status == STATUS_NOT_FOUND ? "as expected" : "unexpected");
    return status != STATUS_NOT_FOUND;
}

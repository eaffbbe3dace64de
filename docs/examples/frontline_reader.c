/* cc frontline_reader.c $(pkg-config --cflags --libs redress-frontline) */
#include <redress/frontline.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    const char *socket = argc > 1 ? argv[1] : "/run/redress/frontline.sock";
    struct frontline_reader *reader;
    struct frontline_record record;
    struct frontline_token token;
    if (redress_frontline_attach(socket, &reader) != STATUS_OK)
        return 3;
    while (redress_frontline_wait(reader, REDRESS_FRONTLINE_ALL, FRONTLINE_WAIT_BLOCK, -1) ==
           STATUS_OK) {
        if (redress_frontline_claim(reader, REDRESS_FRONTLINE_ALL, 0, &record, &token) != STATUS_OK)
            continue; /* somebody else was faster */
        printf("%s: %.*s\n", record.queue, (int)record.text_size, record.text);
        if (redress_frontline_acknowledge(reader, &token) != STATUS_OK)
            fprintf(stderr, "the claim was over: the case comes again\n");
    }
    redress_frontline_detach(reader); /* the engine has ended */
    return 0;
}

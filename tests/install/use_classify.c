/* A stranger's program that classifies one text with the installed rules. */
#include <redress/classify.h>

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    static const char words[] = "There is a strong smell of gas in the hall.";
    char text[sizeof words + MESSAGE_PADDING_BYTES] = {0};
    struct redress_error errors[4];
    size_t error_count;
    struct rule_set *rules;
    struct scratch *scratch;
    struct verdict verdict;
    memcpy(text, words, sizeof words);
    if (argc != 2 || redress_rule_set_load(argv[1], errors, 4, &error_count, &rules) != STATUS_OK ||
        redress_scratch_create(rules, &scratch) != STATUS_OK)
        return 1;
    const struct classify_input input = {.text = {text, sizeof words - 1},
                                         .language_hint = {"en", 2}};
    enum redress_status status = redress_classify(rules, scratch, &input, &verdict);
    printf("classify: %s, %s\n", redress_severity_name(verdict.severity),
           verdict.urgent ? "urgent" : "not urgent");
    redress_scratch_free(scratch);
    redress_rule_set_free(rules);
    return status != STATUS_OK || !verdict.urgent;
}

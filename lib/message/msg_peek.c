/* SPDX-License-Identifier: Apache-2.0 */
/* msg_peek: the header of a message without a session (PROTOCOL.md 8.1). */
#include <secagg/message.h>

#include <string.h>

#include "core/mem.h"
#include "crypto/suite.h"
#include "message/msg_header.h"

void secagg_message_info_init(secagg_message_info *info)
{
    *info = (secagg_message_info)SECAGG_MESSAGE_INFO_INIT;
}

secagg_err secagg_message_peek(const uint8_t *msg, size_t len,
    secagg_message_info *info)
{
    sa_reader r = sa_reader_on(msg, len);
    sa_msg_header header;
    sa_cipher cipher;

    if (info->size != sizeof *info)
        return SECAGG_ERR_ARG;
    SA_TRY(sa_header_parse(&r, &header));
    if (sa_suite_cipher(&cipher, header.suite) != SECAGG_OK)
        return SECAGG_ERR_MESSAGE;
    info->type = header.type;
    info->from_client = sa_msg_info_of(header.type)->from_client;
    info->name = sa_msg_name(header.type);
    info->suite = header.suite;
    memcpy(info->session, header.session, sizeof info->session);
    info->round = header.round;
    info->index = header.index;
    info->part = header.part;
    return SECAGG_OK;
}

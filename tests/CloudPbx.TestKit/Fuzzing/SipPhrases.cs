using System.Text;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>Lines and phrases that have broken or confused SIP stacks in the field: what SECURITY.md (S…) and INTEROP.md (I…) tell of.</summary>
public static class SipPhrases
{
    /// <summary>Header fields, each with its line break, and pieces of values.</summary>
    public static IReadOnlyList<byte[]> All { get; } =
    [
        .. new[]
        {
            // S9, S11: what a reader that takes control characters for white space would see
            "X-Tenant : evil\r\n", "X-Tenant\v: evil\r\n", "P-Asserted-Identity\t: <sip:bank@example.com>\r\n", "P-Asserted-Identity: \r\n <sip:bank@example.com>\r\n",
            "Route: <sip:TENANT@worker;lr>\r\n", "Path: <sip:edge;lr>\r\n", "\0", "\x7F", "\v",
            // S10: several, negative, spaced, listed and far too large lengths; breaks of other kinds
            "Content-Length: 0\r\n", "Content-Length: -1\r\n", "Content-Length : 5\r\n", "Content-Length:\r\n 5\r\n", "l: 7\r\n", "Content-Length: 3, 3\r\n",
            "Content-Length:   355\r\n", "Content-Length: 4294967296\r\n", "Content-Length: 65537\r\n", "\n", "\r", "\r\n\r\n", "\n\n", "\r\r\n",
            // I33, I37: challenges and credentials, folded, doubled, with odd quoting
            "Authorization: Digest username=\"100\", realm=\"\", nonce=\"\\\"\", uri=sip:x, response=\"0\", algorithm=\"MD5\", qop=\"auth\", nc=\r\n",
            "Proxy-Authorization: Digest\r\n\tusername=\"\"\r\n", "Authorization: Basic YTpi\r\n", "WWW-Authenticate: Digest realm=a, Digest realm=b\r\n",
            // names, compact and escaped (I38), many of one name (CVE-2018-7284), schemes of every kind (CVE-2021-33056)
            "m:sip:a@b\r\n", "i:\r\n", "v: SIP/2.0/UDP [::1];branch=\r\n", "C%6Fntact: *\r\n", "Contact: *\r\n", "Contact: <urn:service:sos>\r\n", "From: <tel:+1;phone-context=x>;tag=1\r\n",
            "To: <http://[::1]/?a=b>\r\n", "f: \"\\", "Diversion: <name:John_Smith>\r\n", "Refer-To: <sip:a@b?Replaces=x%3Bto-tag%3D>\r\n", "Replaces: x;to-tag=;early-only\r\n",
            string.Concat(Enumerable.Repeat("Accept: a/b\r\n", 60)), string.Concat(Enumerable.Repeat("Via: SIP/2.0/UDP a;branch=z9hG4bK\r\n", 80)),
            // S17: addresses that nobody outside may name
            "Contact: <sip:x@169.254.169.254>\r\n", "Contact: <sip:x@0.0.0.0:0>\r\n", "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1;maddr=224.0.0.1;ttl=1\r\n", "Route: <sip:127.0.0.1;lr>\r\n",
            "Record-Route: <sip:[::ffff:127.0.0.1];lr;r2=on>\r\n", "c=IN IP4 0.0.0.0\r\n", "c=IN IP6 ::\r\n",
            // extensions and timers
            "Require: 100rel\r\n", "Require: nothing-known\r\n", "RAck: 1 1 INVITE\r\n", "RSeq: 4294967295\r\n", "Session-Expires: 1;refresher=uac\r\n", "Min-SE: 4294967295\r\n",
            "Expires: -1\r\n", "Max-Forwards: 0\r\n", "Max-Forwards: 256\r\n", "CSeq: 4294967296 INVITE\r\n", "CSeq: 1\r\n", "Event: dialog;id=\r\n",
            // bodies: I43, I44, I49, I63, CVE-2018-1000098, CVE-2018-1000099, CVE-2026-41416
            "Content-Type: multipart/mixed;boundary=\r\n", "Content-Type: multipart/mixed\r\n", "--\r\n", "Content-Encoding: gzip\r\n", "Content-Type: application/sdp\r\n", ":=17\r\n", "m=audio 99999999999 RTP/AVP 256\r\n",
            "m=image 0 udptl t38\r\n", "a=fmtp:\r\n", "a=rtpmap:96 /0\r\n", "a=ptime:0\r\n", "a=maxptime:150\r\n", "a=ptime:4294967295\r\n", "a=crypto:1 AEAD_AES_256_GCM inline:\r\n", "a=sendonly",
            // start lines in the middle, and signs of life
            "INVITE sip:100@acme.test SIP/2.0\r\n", "ACK sip:100@acme.test SIP/2.0\r\n", "CANCEL * SIP/2.0\r\n", "SIP/2.0 200 OK\r\n", "SIP/2.0 999\r\n", "SIP/3.0", "GET / HTTP/1.1\r\n",
            ";tag=", ";branch=z9hG4bK", ";rport", ";lr", ";maddr=", "?a=", "%00", "%zz", "<<<<<<<<", "\"\"\"", "@@@", "[[[[::", ",,,,", ";;;;",
        }.Select(Encoding.Latin1.GetBytes),
        [0x80, 0, 0, 0], [0xFF, 0xFE], [0xC0, 0x80], [0x21, 0x12, 0xA4, 0x42],         // RTP, byte order, overlong UTF-8, STUN (I41)
    ];
}

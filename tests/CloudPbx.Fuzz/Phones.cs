using CloudPbx.Sdp;

namespace CloudPbx.Fuzz;

/// <summary>Descriptions as real phones send them.</summary>
internal static class Phones
{
    public const string Key1 = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
    public const string Key2 = "NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj";

    /// <summary>GNOME Calls 44 with encryption "required" or "preferred".</summary>
    public const string GnomeEncrypted =
        "v=0\r\no=- 7100862501654354582 3758638283158630978 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
        + "m=audio 35833 RTP/SAVP 8 0 3\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:3 GSM/8000\r\n"
        + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + Key1 + "\r\na=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" + Key2 + "\r\na=rtcp:35549\r\n";

    /// <summary>GNOME Calls 44 with encryption "never".</summary>
    public const string Gnome =
        "v=0\r\no=- 7100862501654354582 3758638283158630978 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
        + "m=audio 35833 RTP/AVP 8 0 3\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:3 GSM/8000\r\na=rtcp:35549\r\n";

    /// <summary>A desk phone: many codecs, telephone-event at two rates, video behind the audio.</summary>
    public const string Rich =
        "v=0\r\no=alice 1 1 IN IP4 198.51.100.7\r\ns=Talk\r\nc=IN IP4 198.51.100.7\r\nb=AS:380\r\nt=0 0\r\n"
        + "m=audio 7076 RTP/AVP 96 9 18 8 0 101 97\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=rtpmap:18 G729/8000\r\n"
        + "a=rtpmap:101 telephone-event/48000\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-15\r\na=ptime:30\r\na=rtcp-mux\r\n"
        + "m=video 9078 RTP/AVP 98\r\na=rtpmap:98 H264/90000\r\na=fmtp:98 profile-level-id=42801F; packetization-mode=1\r\n";

    public static SessionDescription Read(string text)
    {
        SdpParseError error = SessionDescription.TryParse(text, out SessionDescription? description);
        return description ?? throw new InvalidOperationException($"A good description was refused: {error}.");
    }
}

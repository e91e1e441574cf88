using System.Globalization;
using System.Text.RegularExpressions;
using CloudPbx.Load.Generators;

namespace CloudPbx.Load.Sip;

/// <summary>The session descriptions of the loads' phones.</summary>
internal static partial class TestSdp
{
    private const string Events = "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n";

    /// <summary>A phone that speaks PCMA with telephone events, and PCMU where it is a whole phone's offer.</summary>
    public static string At(int port, bool onlyPcma = true) =>
        $"v=0\r\no=- 3724394400 3724394400 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP {(onlyPcma ? "8 101" : "8 0 101")}\r\na=rtpmap:8 PCMA/8000\r\n"
        + (onlyPcma ? "" : "a=rtpmap:0 PCMU/8000\r\n") + Events + "a=ptime:20\r\na=sendrecv\r\n";

    /// <summary>A phone that speaks one codec, with telephone events: those that have none are listened to for tones.</summary>
    /// <param name="voice">The codec.</param>
    /// <param name="port">Its RTP port.</param>
    /// <param name="key">Its SDES key and salt, where it encrypts.</param>
    public static string Of(Voice voice, int port, byte[]? key = null) =>
        $"v=0\r\no=- 3724394400 3724394400 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/{(key is null ? "" : "S")}AVP {voice.PayloadType} 101\r\n"
        + $"a=rtpmap:{voice.PayloadType} {voice.Map}\r\n{Events}{(key is null ? "" : $"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{Convert.ToBase64String(key)}\r\n")}a=ptime:20\r\na=sendrecv\r\n";

    /// <summary>The port of the audio stream.</summary>
    public static int PortIn(string sdp) => int.Parse(AudioPort().Match(sdp).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"m=audio (\d+)")]
    private static partial Regex AudioPort();
}

namespace CloudPbx.Sdp.Tests;

internal static class Legs
{
    public static LocalMedia Local(SrtpPolicy srtp = SrtpPolicy.Off) => new()
    {
        SessionId = "42",
        Address = "203.0.113.5",
        Port = 20000,
        Codecs = [AudioCodec.Pcma, AudioCodec.Pcmu, AudioCodec.G722, AudioCodec.Opus],
        Srtp = srtp,
        Keys =
        [
            CryptoAttribute.Generate(1, CryptoAttribute.AesCm128HmacSha1Tag80, span => span.Fill(0x80)),
            CryptoAttribute.Generate(2, CryptoAttribute.AesCm128HmacSha1Tag32, span => span.Fill(0x32)),
        ],
    };

    /// <summary>A one-audio description with the given section.</summary>
    public static SessionDescription Peer(string media, string connection = "IN IP4 192.0.2.9") =>
        Phones.Read($"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc={connection}\r\nt=0 0\r\n{media}");

    public static string Lines(SessionDescription sdp) => sdp.Write().ReplaceLineEndings("\n");
}

using System.Text;
using CloudPbx.CallControl.Ladders;
using CloudPbx.Contracts.Events;

namespace CloudPbx.CallControl.Tests.Ladders;

public sealed class SdpGlanceTests
{
    [Theory]
    [InlineData("m=audio 4000 RTP/AVP 0 8 101\na=rtpmap:101 telephone-event/8000", "PCMU PCMA telephone-event")]          // RFC 3551 §6: 0 and 8 need no rtpmap
    [InlineData("m=audio 4000 RTP/AVP 96 9\na=rtpmap:96 OPUS/48000/2", "opus G722")]
    [InlineData("m=audio 4000 RTP/AVP 97\na=rtpmap:97 x-odd/8000", "?")]
    [InlineData("m=audio 4000 RTP/AVP 8 300 abc", "PCMA")]
    public void Codecs_are_read_in_their_order(string media, string codecs) => Assert.Equal(codecs, string.Join(' ', Of(media).Codecs));

    [Theory]
    [InlineData("m=audio 1 RTP/AVP 8\na=sendonly", LadderDirection.SendOnly)]
    [InlineData("a=inactive\nm=audio 1 RTP/AVP 8", LadderDirection.Inactive)]
    [InlineData("a=inactive\nm=audio 1 RTP/AVP 8\na=sendrecv", LadderDirection.SendReceive)]                              // RFC 8866 §6.7: the media level wins
    [InlineData("m=audio 1 RTP/AVP 8\na=recvonly\nm=video 2 RTP/AVP 99\na=sendonly", LadderDirection.ReceiveOnly)]
    [InlineData("c=IN IP4 0.0.0.0\nm=audio 1 RTP/AVP 8", LadderDirection.Inactive)]                                       // RFC 3264 §8.4
    [InlineData("m=audio 1 RTP/AVP 8", LadderDirection.SendReceive)]
    public void The_direction_is_that_of_the_audio(string media, LadderDirection direction) => Assert.Equal(direction, Of(media).Direction);

    [Theory]
    [InlineData("m=audio 1 RTP/AVP 8", LadderSecurity.None)]
    [InlineData("m=audio 1 RTP/SAVP 8\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc", LadderSecurity.Sdes)]
    [InlineData("a=fingerprint:sha-256 AA\nm=audio 1 UDP/TLS/RTP/SAVPF 111", LadderSecurity.Dtls)]
    public void The_encryption_is_named_its_keys_are_passed_over(string media, LadderSecurity security) => Assert.Equal(security, Of(media).Security);

    [Fact]
    public void Refused_audio_and_other_streams_are_said()
    {
        Assert.True(Of("m=audio 0 RTP/AVP 8").IsRefused);                                                                 // RFC 3264 §6
        Assert.True(Of("m=video 4 RTP/AVP 99") is { IsRefused: true, HasOthers: true });
        Assert.False(Of("m=audio 1 RTP/AVP 8").HasOthers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--boundary\r\nContent-Type: application/sdp")]
    [InlineData("Signal=5\r\nDuration=160")]
    public void What_is_no_session_description_is_none(string body) => Assert.Null(SdpGlance.Of(Encoding.UTF8.GetBytes(body)).ToMedia());

    [Fact]
    public void More_codecs_than_are_kept_do_no_harm() =>
        Assert.Equal(10, Of("m=audio 1 RTP/AVP " + string.Join(' ', Enumerable.Range(96, 32))).Codecs.Count);

    private static LadderMedia Of(string media) => SdpGlance.Of(Encoding.UTF8.GetBytes("v=0\r\n" + media.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n")).ToMedia()!;
}

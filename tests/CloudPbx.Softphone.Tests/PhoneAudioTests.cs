using System.Net;
using CloudPbx.Audio.Tones;
using CloudPbx.Rtp.Events;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.Softphone.Tests;

/// <summary>Two ends of a call joined by their descriptions alone, on loopback sockets.</summary>
public sealed class PhoneAudioTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(SrtpPolicy.Off, 20)]
    [InlineData(SrtpPolicy.Required, 20)]
    [InlineData(SrtpPolicy.Required, 10)]
    [InlineData(SrtpPolicy.Off, 60)]
    public async Task A_tone_arrives_at_the_other_end(SrtpPolicy srtp, int ptime)
    {
        using var deadline = new CancellationTokenSource(s_deadline);
        using PhoneAudio caller = Open(srtp, ptime), callee = Open(srtp, ptime);
        Connect(caller, callee);
        Assert.Equal(srtp == SrtpPolicy.Required, caller.Encrypted);

        caller.Play(new Tone(440));
        callee.Play(new Tone(620));
        ToneMeasurement atCallee = await callee.WaitForToneAsync(440, deadline.Token);
        await caller.WaitForToneAsync(620, deadline.Token);

        Assert.InRange(atCallee.LevelDbm0, -16, -10);        // sent at −13 dBm0
        Assert.Equal(0, callee.Figures.Undecryptable);
    }

    [Fact]
    public async Task What_is_said_is_collected_at_the_other_end_in_order_and_in_its_time()
    {
        using var deadline = new CancellationTokenSource(s_deadline);
        using PhoneAudio caller = Open(SrtpPolicy.Off, 20), callee = Open(SrtpPolicy.Off, 20);
        Connect(caller, callee);
        Task<IReadOnlyList<HeardSpeech>> collected = callee.CollectAsync(60, deadline.Token);
        short[] speech = VoiceNoise.Make(1, TimeSpan.FromSeconds(1), caller.SpokenRate);
        caller.Say(speech);
        IReadOnlyList<HeardSpeech> heard = await collected;
        Assert.Equal(heard.Select(packet => packet.At).Order(), heard.Select(packet => packet.At));
        (int place, double likeness) = CrossCorrelation.Find([.. heard.SelectMany(packet => packet.Samples)], speech.AsSpan(0, callee.HeardRate / 2));
        Assert.True(likeness > 0.99, $"{likeness:F3}");
        Assert.Equal(0, place % (callee.HeardRate / 50));        // whole packets
    }

    [Fact]
    public async Task Digits_arrive_once_each_and_in_order()
    {
        using var deadline = new CancellationTokenSource(s_deadline);
        using PhoneAudio caller = Open(SrtpPolicy.Off, 20), callee = Open(SrtpPolicy.Off, 20);
        Connect(caller, callee);
        foreach (char digit in "1*")
        {
            string sofar = callee.Digits + digit;
            caller.Press(TelephoneEvent.CodeOf(digit)!.Value);
            await callee.WaitForDigitsAsync(sofar, deadline.Token);
        }
        Assert.Equal("1*", callee.Digits);
    }

    [Fact]
    public void An_offer_without_encryption_is_refused_where_it_is_required()
    {
        using PhoneAudio caller = Open(SrtpPolicy.Off, 20), callee = Open(SrtpPolicy.Required, 20);
        Assert.Null(callee.TakeOffer(caller.MakeOffer()));
    }

    [Fact]
    public async Task The_other_end_is_silent_while_it_is_held_and_heard_again_after()
    {
        using var deadline = new CancellationTokenSource(s_deadline);
        using PhoneAudio caller = Open(SrtpPolicy.Off, 20), callee = Open(SrtpPolicy.Off, 20);
        Connect(caller, callee);
        callee.Play(new Tone(620));
        await caller.WaitForToneAsync(620, deadline.Token);

        Assert.True(caller.TakeAnswer(callee.TakeOffer(caller.MakeOffer(hold: true))!));
        Assert.Equal(MediaDirection.RecvOnly, callee.Media!.Direction);
        Assert.True(caller.TakeAnswer(callee.TakeOffer(caller.MakeOffer())!));
        Assert.Equal(MediaDirection.SendRecv, callee.Media.Direction);
        await caller.HearAsync(TimeSpan.FromMilliseconds(200), deadline.Token);
        await caller.WaitForToneAsync(620, deadline.Token);
    }

    [Fact]
    public async Task Waiting_for_a_tone_ends_with_the_call()
    {
        using PhoneAudio caller = Open(SrtpPolicy.Off, 20), callee = Open(SrtpPolicy.Off, 20);
        Connect(caller, callee);
        Task<ToneMeasurement> waiting = caller.WaitForToneAsync(3000, CancellationToken.None);
        caller.Dispose();
        await Assert.ThrowsAsync<InvalidOperationException>(() => waiting);
    }

    private static void Connect(PhoneAudio caller, PhoneAudio callee)
    {
        string answer = callee.TakeOffer(caller.MakeOffer()) ?? throw new InvalidOperationException("The offer was refused.");
        Assert.True(caller.TakeAnswer(answer));
    }

    private static PhoneAudio Open(SrtpPolicy srtp, int ptime) => PhoneAudio.Open(
        new PhoneOptions
        {
            Server = new IPEndPoint(IPAddress.Loopback, 5060),
            Transport = SipTransport.Udp,
            Domain = "example.com",
            User = "100",
            Password = "",
            Srtp = srtp,
            PtimeMilliseconds = ptime,
        },
        IPAddress.Loopback);
}

using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>
/// From mouth to ear and back, by cross-correlation of what was said and what is heard, in media time: each phone tells time by the packets that it has sent itself,
/// and there and back together the difference of the two clocks drops out. What is left is the product's delay, and at most one packet time of each phone.
/// The jitter buffer's and the mixer's own part to the sample, on simulated time: <c>Mixing/DelayTests</c> of the media node.
/// </summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed class DelayScenarios(ProductFixture fixture)
{
    private const string Room = "850";
    private const double Alike = 0.6;           // of two pieces of the same noise, whatever codecs lie between; of different ones less than half of it
    private const int Packets = 100;

    // A jitter buffer begins at 20 ms and grows by what the machine's other work holds a packet up.
    private static readonly TimeSpan s_buffer = TimeSpan.FromMilliseconds(20), s_heldUp = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_codecs = TimeSpan.FromMilliseconds(10);      // the filters of G.722 and of two changes of rate

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, int, int, SrtpPolicy> Pairs => new()
    {
        { "PCMA", "PCMA", 20, 20, SrtpPolicy.Off },
        { "PCMA", "PCMA", 30, 20, SrtpPolicy.Required },
        { "PCMA", "PCMU", 20, 20, SrtpPolicy.Off },
        { "PCMA", "G722", 20, 20, SrtpPolicy.Required },
        { "G722", "PCMU", 40, 20, SrtpPolicy.Off },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_bridge_adds_nothing_to_the_packet_times_but_what_a_change_of_codec_needs(string callers, string callees, int callersPtime, int calleesPtime, SrtpPolicy srtp)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await company.RegisterAsync(Account(company, "100", callers, callersPtime, srtp)), bob = await company.RegisterAsync(Account(company, "101", callees, calleesPtime, srtp));
        (PhoneCall atAlice, PhoneCall atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
        await CallScenarios.HearEachOtherAsync(atAlice, atBob);
        TimeSpan delay = await ThereAndBackAsync(atAlice.Audio, atBob.Audio);
        TimeSpan packets = TimeSpan.FromMilliseconds(callersPtime + calleesPtime), longest = TimeSpan.FromMilliseconds(Math.Max(callersPtime, calleesPtime));
        // One packet more: a process that was not let run when its time came.
        TimeSpan codecs = callers == callees ? TimeSpan.Zero : s_codecs + (callersPtime == calleesPtime ? TimeSpan.Zero : longest);
        Assert.InRange(delay, TimeSpan.Zero, packets + longest + codecs);
    }

    [Fact]
    public async Task A_conference_adds_its_jitter_buffer_and_a_frame()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await fixture.Pbx.Api.PostAsync($"tenants/{company.Name}/conferences", $$"""{"number":"{{Room}}"}""", Cancel);
        Phone alice = await company.RegisterAsync(Account(company, "100", "PCMA", 20, SrtpPolicy.Off)), bob = await company.RegisterAsync(Account(company, "101", "PCMA", 20, SrtpPolicy.Off));
        PhoneCall atAlice = await EnterAsync(alice), atBob = await EnterAsync(bob);
        await CallScenarios.HearEachOtherAsync(atAlice, atBob);
        TimeSpan delay = await ThereAndBackAsync(atAlice.Audio, atBob.Audio), frame = TimeSpan.FromMilliseconds(20);
        // A frame is made within half of one around the time that the buffer says.
        Assert.InRange(delay, 2 * (s_buffer - (frame / 2)), (2 * (s_buffer + s_heldUp + frame)) + (2 * frame));
    }

    private static PhoneOptions Account(Company company, string number, string codec, int ptime, SrtpPolicy srtp) =>
        company.Account(number, srtp == SrtpPolicy.Off ? SipTransport.Udp : SipTransport.Tls, srtp) with
        {
            Codecs = [codec switch { "PCMU" => AudioCodec.Pcmu, "G722" => AudioCodec.G722, _ => AudioCodec.Pcma }],
            PtimeMilliseconds = ptime,
        };

    private static async Task<PhoneCall> EnterAsync(Phone phone)
    {
        PhoneCall call = await phone.DialAsync(Room);
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        return call;
    }

    private static async Task<TimeSpan> ThereAndBackAsync(PhoneAudio one, PhoneAudio other)
    {
        Task<IReadOnlyList<HeardSpeech>> atOther = other.CollectAsync(Packets, Deadlines.Media), atOne = one.CollectAsync(Packets, Deadlines.Media);
        TimeSpan oneBegan = one.Say(Speech(1, one.SpokenRate)), otherBegan = other.Say(Speech(2, other.SpokenRate));
        return Delay(Speech(1, other.HeardRate), oneBegan, other.HeardRate, await atOther) + Delay(Speech(2, one.HeardRate), otherBegan, one.HeardRate, await atOne);
    }

    private static short[] Speech(int seed, int rate) => VoiceNoise.Make(seed, TimeSpan.FromSeconds(5), rate);

    /// <summary>Between two phones' clocks: when it was heard by the hearer's less when it was said by the speaker's. The middle one of many packets.</summary>
    private static TimeSpan Delay(short[] said, TimeSpan began, int rate, IReadOnlyList<HeardSpeech> heard)
    {
        List<TimeSpan> delays = [];
        for (int i = 0; i < heard.Count; i += 4)
        {
            (int place, double likeness) = CrossCorrelation.Find(said, [.. heard[i].Samples]);
            if (likeness > Alike)
                delays.Add(heard[i].At - (began + TimeSpan.FromSeconds((double)place / rate)));
        }
        Assert.True(delays.Count > Packets / 8, $"only {delays.Count} packets are like what was said");
        return delays.Order().ElementAt(delays.Count / 2);
    }
}

using CloudPbx.Load.Generators;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>Every bench there is, in the order in which they run.</summary>
internal static class AllBenches
{
    private const double Calls = 400;                             // a second; half of what Kamailio bears is more than the product bears on one core
    private const int RelayedCalls = 700, TranscodedCalls = 200, OpusCalls = 60, RecordedCalls = 500, ConferenceParties = 100, LargeConferenceParties = 300;

    public static IReadOnlyList<IBench> List { get; } =
    [
        new Comparison
        {
            Name = "edge-forward", Unit = "µs CPU per message", Rate = 5000, Goal = new Goal(0.45, GoalKind.RatioAtMost),
            Description = "one SIP message through the edge alone (UDP in, a worker's TCP link out, and the answer back); peer: Kamailio's stateless forward",
            Ours = Sides.EdgeAsync, Peer = Sides.ForwardingKamailioAsync,
        },
        new Comparison
        {
            Name = "edge-refuse", Unit = "µs CPU per refused call", Rate = 3000, Goal = new Goal(100, GoalKind.AtMost),
            Description = "an INVITE that an overloaded worker is spared: 503 with Retry-After by the edge, and the ACK; a call that is set up costs twenty times as much",
            Ours = Sides.RefusingEdgeAsync,
        },
        new Comparison
        {
            Name = "register", Unit = "µs CPU per registration", Rate = 5000, Goal = new Goal(1.0, GoalKind.RatioAtMost),
            Description = "REGISTER, 401, REGISTER, 200 over UDP, the binding in Redis; peer: Kamailio's registrar in memory",
            Ours = Sides.RegisteringProductAsync, Peer = Sides.RegistrarKamailioAsync,
        },
        new Comparison
        {
            Name = "register-tcp", Unit = "µs CPU per registration", Rate = 2000, Goal = new Goal(1.5, GoalKind.RatioAtMost),
            Description = "the same over 50 standing TCP connections",
            Ours = cancel => Sides.StreamRegisteringProductAsync(tls: false, cancel), Peer = cancel => Sides.StreamRegistrarKamailioAsync(tls: false, cancel),
        },
        new Comparison
        {
            Name = "register-tls", Unit = "µs CPU per registration", Rate = 2000, Goal = new Goal(1.5, GoalKind.RatioAtMost),
            Description = "the same over 50 standing TLS connections",
            Ours = cancel => Sides.StreamRegisteringProductAsync(tls: true, cancel), Peer = cancel => Sides.StreamRegistrarKamailioAsync(tls: true, cancel),
        },
        new Comparison
        {
            Name = "call", Unit = "µs CPU per call", Rate = Calls, Goal = new Goal(1.6, GoalKind.RatioAtMost),
            Description = "INVITE (challenged), 180, 200, ACK, BYE through edge, worker and media session, no RTP; peer: Kamailio's stateful proxy",
            Ours = Sides.CallingProductAsync, Peer = Sides.ProxyKamailioAsync,
        },
        new Comparison
        {
            Name = "call-trunk", Unit = "µs CPU per call", Rate = Calls, Goal = new Goal(1.6, GoalKind.RatioAtMost),
            Description = "the same to a carrier over a trunk: outbound route, number rules, caller's number, limits; peer: Kamailio's stateful proxy",
            Ours = Sides.TrunkCallingProductAsync, Peer = Sides.ProxyKamailioAsync,
        },
        new Comparison
        {
            Name = "relay", Unit = "µs CPU per RTP packet", Rate = RelayedCalls * 100, Goal = new Goal(0.7, GoalKind.RatioAtMost), FloorGoal = 1.15, Slice = TimeSpan.FromSeconds(1),
            Description = "one RTP packet of 700 two-way calls with ports of their own; peer: rtpengine in user space; floor: a C relay",
            Ours = cancel => Sides.MediaAsync(RelayedCalls, cancel), Peer = cancel => Sides.RtpengineAsync(RelayedCalls, cancel), Floor = cancel => Sides.FloorAsync(RelayedCalls, cancel),
        },
        new Comparison
        {
            Name = "media", Unit = "µs CPU per party and frame", Rate = ConferenceParties * 50, Goal = new Goal(10, GoalKind.AtMost),
            Description = "one frame of 20 ms of one of 100 parties in a conference: received, decoded, mixed, encoded, sent (Asterisk, the peer for this, is not in Debian 12)",
            Ours = cancel => Sides.ConferenceAsync(ConferenceParties, cancel),
        },
        new Comparison
        {
            Name = "conference-300", Unit = "µs CPU per party and frame", Rate = LargeConferenceParties * 50, Goal = new Goal(10, GoalKind.AtMost),
            Description = "the same with 300 parties",
            Ours = cancel => Sides.ConferenceAsync(LargeConferenceParties, cancel),
        },
        Media("relay-srtp", "RTP on one side, SDES (AES_CM_128_HMAC_SHA1_80) on the other", RelayedCalls, new Goal(0.7, GoalKind.RatioAtMost), () => new MediaTask { IsEncrypted = true }, floor: 1.25),
        Media("transcode-g711", "PCMU made PCMA and back", RelayedCalls, new Goal(0.4, GoalKind.RatioAtMost), () => new MediaTask { Caller = Voice.Pcmu }),
        Media("transcode-g722", "G.722 made PCMA and back", TranscodedCalls, new Goal(0.7, GoalKind.RatioAtMost), () => new MediaTask { Caller = Voice.G722 }),
        Media("opus", "Opus made PCMA and back; 150 calls per core are 66 µs per packet", OpusCalls, new Goal(66, GoalKind.AtMost), () => new MediaTask { Caller = Voice.Opus }),
        new Surcharge
        {
            Name = "record", Unit = "µs CPU per RTP packet, more than a relayed one", Rate = RecordedCalls * 100, Goal = new Goal(1.5, GoalKind.AtMost),
            Description = "one RTP packet of 500 two-way calls that are recorded, less one of calls that are not (Asterisk, measured elsewhere: 25 to 33)",
            Plain = cancel => Sides.MediaAsync(RecordedCalls, cancel), More = cancel => Sides.MediaAsync(RecordedCalls, cancel, new MediaTask { IsRecorded = true }),
        },
        new Lateness(),
        new Overload(),
        new Storm(),
        new Scan(),
        new MemoryBench(),
        new StartBench(),
        new ApiBench(),
        new PortalBench(),
        new Allocations(),
    ];

    /// <summary>One RTP packet of many two-way calls, beside rtpengine with the same calls.</summary>
    private static Comparison Media(string name, string what, int calls, Goal goal, Func<MediaTask> task, double? floor = null) => new()
    {
        Name = name, Unit = "µs CPU per RTP packet", Rate = calls * 100, Goal = goal, FloorGoal = floor, Slice = TimeSpan.FromSeconds(1),
        Description = $"one RTP packet of {calls} two-way calls: {what}; peer: rtpengine in user space",
        Ours = cancel => Sides.MediaAsync(calls, cancel, task()), Peer = cancel => Sides.RtpengineAsync(calls, cancel, task()),
        Floor = floor is null ? null : cancel => Sides.FloorAsync(calls, cancel),
    };
}

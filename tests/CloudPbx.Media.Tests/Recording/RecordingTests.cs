using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Recording;

public sealed class RecordingTests : IDisposable
{
    private const byte OfA = 0x51;

    private readonly string _folder = Directory.CreateTempSubdirectory("cloudpbx-recordings-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_both_parties_say_is_in_the_file_octet_by_octet(bool secure)
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node, secureA: secure, secureB: secure);
        RecordingRequest request = Request(call);
        Assert.Null(await node.Client.RecordAsync(request, Cancel));
        Assert.Null(await node.Client.RecordAsync(request, Cancel));            // the command came twice
        (List<short> a, List<short> b) = ([], []);
        for (int i = 0; i < 50; i++)
        {
            a.AddRange(Said(await TestCall.PassesAsync(call.A, call.B, (byte)(i + 1))));
            b.AddRange(Said(await TestCall.PassesAsync(call.B, call.A, (byte)(200 - i))));
        }
        RecordingFigures figures = await node.Client.EndRecordingAsync(call.LegA.Session, request.Recording, Cancel);
        Assert.Equal((true, false, 0), (figures.Known, figures.IsPartial, figures.Gaps));
        Assert.Equal(figures.Sha256, (await node.Client.EndRecordingAsync(call.LegA.Session, request.Recording, Cancel)).Sha256);
        (_, TenantId tenant, RecordingId recording) = Assert.Single(RecordingSpool.ListFinished(_folder));
        Assert.Equal((request.Tenant, request.Recording), (tenant, recording));
        short[] samples = Samples(RecordingSpool.ListFinished(_folder).Single().File);
        Contains(a, samples, 0);
        Contains(b, samples, 1);
        await TestCall.PassesAsync(call.A, call.B);                             // the call goes on
    }

    [Fact]
    public async Task Recording_allocates_nothing_by_the_packet()       // a collection would be heard: `./pbx bench record` counts them over ten minutes
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true);
        Assert.Null(await node.Client.RecordAsync(Request(call), Cancel));
        await TalkAsync(500);                                           // every path is compiled, every buffer made
        Assert.NotNull(await call.A.HearRtcpAsync(10_000));             // that of reports, too
        Assert.NotNull(await call.B.HearRtcpAsync(10_000));
        long loops = node.Node.LoopAllocatedBytes, recorder = node.Node.Recorder.AllocatedBytes;
        await TalkAsync(1000);
        Assert.Equal(0, node.Node.LoopAllocatedBytes - loops);
        Assert.InRange(node.Node.Recorder.AllocatedBytes - recorder, 0, 20_000);

        async Task TalkAsync(int packets)
        {
            for (int i = 0; i < packets; i++)
            {
                call.A.Send(8, (byte)i);
                Assert.NotNull(await call.B.HearAsync());
                call.B.Send(8, (byte)i);
                Assert.NotNull(await call.A.HearAsync());
            }
        }
    }

    [Fact]
    public async Task After_a_transfer_the_right_channel_is_the_new_partys()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node);
        RecordingRequest request = Request(call);
        await node.Client.RecordAsync(request, Cancel);
        List<short> before = [.. Said(await TestCall.PassesAsync(call.B, call.A, 0x11))];
        using var c = new FakePeer();
        var legC = new LegId(call.LegA.Session, 3);
        c.Learn((await node.Client.OfferAsync(legC, TestCall.Policy(), call.LegA, Cancel)).LocalSdp);
        await node.Client.ReceiveAnswerAsync(legC, c.Sdp(), Cancel);
        await node.Client.BridgeAsync(call.LegA, legC, Cancel);
        Assert.Null(await node.Client.RecordAsync(request with { Right = 3 }, Cancel));
        List<short> after = [.. Said(await TestCall.PassesAsync(c, call.A, 0x22))];
        await node.Client.RemoveAsync(call.LegA, Cancel);
        await node.Client.RemoveAsync(call.LegB, Cancel);
        await node.Client.RemoveAsync(legC, Cancel);                            // the session ends, and its recording
        RecordingFigures figures = await node.Client.EndRecordingAsync(call.LegA.Session, request.Recording, Cancel);
        Assert.True(figures.Known);
        short[] samples = Samples(RecordingSpool.ListFinished(_folder).Single().File);
        Assert.True(Contains(after, samples, 1) > Contains(before, samples, 1));
    }

    [Fact]
    public async Task Through_a_hold_it_is_one_recording_that_goes_on_with_both()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node);
        RecordingRequest request = Request(call);
        Assert.Null(await node.Client.RecordAsync(request, Cancel));
        List<short> a = [.. Said(await TestCall.PassesAsync(call.A, call.B, 0x11))], b = [.. Said(await TestCall.PassesAsync(call.B, call.A, 0x22))];
        await ReofferAsync(call.A.Sdp(direction: "sendonly", version: 2));
        call.B.Send(8, 0x33);                                                   // who is held may speak, and nobody hears it
        Assert.Null(await call.A.HearAsync(100));
        a.AddRange(Said(await TestCall.PassesAsync(call.A, call.B, 0x44)));
        await ReofferAsync(call.A.Sdp(version: 3));
        a.AddRange(Said(await TestCall.PassesAsync(call.A, call.B, 0x55)));
        b.AddRange(Said(await TestCall.PassesAsync(call.B, call.A, 0x66)));
        RecordingFigures figures = await node.Client.EndRecordingAsync(call.LegA.Session, request.Recording, Cancel);
        Assert.False(figures.IsPartial);
        short[] samples = Samples(RecordingSpool.ListFinished(_folder).Single().File);
        Contains(a, samples, 0);
        Contains(b, samples, 1);

        async Task ReofferAsync(string sdp)
        {
            Assert.True((await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), sdp, Cancel)).Accepted);
            Assert.True((await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).Accepted);
        }
    }

    [Fact]
    public async Task While_paused_nothing_is_recorded()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node);
        RecordingRequest request = Request(call);
        await node.Client.RecordAsync(request, Cancel);
        IEnumerable<short> open = Said(await TestCall.PassesAsync(call.A, call.B, 0x11));
        await node.Client.RecordAsync(request with { IsPaused = true }, Cancel);
        IEnumerable<short> secret = Said(await TestCall.PassesAsync(call.A, call.B, 0x33));
        await node.Client.RecordAsync(request, Cancel);
        IEnumerable<short> again = Said(await TestCall.PassesAsync(call.A, call.B, 0x22));
        RecordingFigures figures = await node.Client.EndRecordingAsync(call.LegA.Session, request.Recording, Cancel);
        Assert.Equal(RecordedNoteKind.Pause, Assert.Single(figures.Notes).Kind);
        short[] samples = Samples(RecordingSpool.ListFinished(_folder).Single().File);
        Contains(open, samples, 0);
        Contains(again, samples, 0);
        Assert.DoesNotContain(secret.First(), samples);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_party_hears_in_a_conference_is_the_right_channel(bool entersFirst)
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using FakePeer a = new(), b = new();
        LegId legA = await AnswerAsync(node, a), legB = await AnswerAsync(node, b);
        var place = new ConferencePlace { Conference = ConferenceId.New() };
        Assert.True(await node.Client.JoinAsync(legB, place, Cancel));
        if (entersFirst)
            Assert.True(await node.Client.JoinAsync(legA, place, Cancel));
        RecordingRequest request = Request(legA);
        Assert.Null(await node.Client.RecordAsync(request, Cancel));
        if (!entersFirst)
            Assert.True(await node.Client.JoinAsync(legA, place, Cancel));
        await InRoomAsync(a, b, hertz: 500);
        long loops = node.Node.LoopAllocatedBytes;
        short[] heard = await InRoomAsync(a, b, hertz: 500);
        Assert.InRange(node.Node.LoopAllocatedBytes - loops, 0, 2000);          // who speaks is reported; no packet allocates
        RecordingFigures figures = await node.Client.EndRecordingAsync(legA.Session, request.Recording, Cancel);
        Assert.Equal((true, false, 0), (figures.Known, figures.IsPartial, figures.Gaps));
        short[] samples = Samples(RecordingSpool.ListFinished(_folder).Single().File);
        Assert.InRange(Loudest(heard, 500), -18, -12);                          // a late packet of the test's makes the mixer fade for a moment
        Contains(heard, samples, 1);
        Contains(Said([.. Enumerable.Repeat(OfA, 160)]), samples, 0);
    }

    [Fact]
    public async Task A_pause_and_what_is_played_are_not_of_a_recorded_conference_and_nothing_is_missing_there()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using FakePeer a = new(), b = new();
        LegId legA = await AnswerAsync(node, a), legB = await AnswerAsync(node, b);
        var place = new ConferencePlace { Conference = ConferenceId.New() };
        await node.Client.JoinAsync(legA, place, Cancel);
        await node.Client.JoinAsync(legB, place, Cancel);
        RecordingRequest request = Request(legA);
        Assert.Null(await node.Client.RecordAsync(request, Cancel));
        await InRoomAsync(a, b, hertz: 500);
        await node.Client.RecordAsync(request with { IsPaused = true }, Cancel);
        await InRoomAsync(a, b, hertz: 1100);
        await InRoomAsync(a, b, hertz: 500);                                    // the jitter buffer holds some of that tone still
        await node.Client.RecordAsync(request, Cancel);
        Assert.True(await node.Client.PromptAsync(legA, new PromptRequest { Name = "five", Sounds = ["dtmf/5"] }, Cancel));
        await InRoomAsync(a, b, hertz: 500);
        RecordingFigures figures = await node.Client.EndRecordingAsync(legA.Session, request.Recording, Cancel);
        Assert.Equal((false, 0), (figures.IsPartial, figures.Gaps));
        short[] samples = Samples(RecordingSpool.ListFinished(_folder).Single().File), right = [.. samples.Where((_, i) => i % 2 == 1)];
        Assert.InRange(Loudest(right, 500), -18, -12);
        Assert.True(Loudest(right, 1100) < -30, $"{Loudest(right, 1100):F1}");
        Assert.True(Loudest(right, 1336) < -30, $"{Loudest(right, 1336):F1}");                // of the five
    }

    [Fact]
    public async Task A_callee_that_goes_on_alone_is_the_left_channel()         // it goes into a conference room, where it is the call's caller
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node);
        RecordingRequest request = Request(call);
        await node.Client.RecordAsync(request, Cancel);
        IEnumerable<short> before = Said(await TestCall.PassesAsync(call.B, call.A, 0x11));
        Assert.Null(await node.Client.RecordAsync(request with { Left = call.LegB.Leg, Right = null }, Cancel));
        IEnumerable<short> after = Said(await TestCall.PassesAsync(call.B, call.A, 0x22));
        await node.Client.EndRecordingAsync(call.LegA.Session, request.Recording, Cancel);
        short[] samples = Samples(RecordingSpool.ListFinished(_folder).Single().File);
        Contains(before, samples, 1);
        Contains(after, samples, 0);
    }

    [Fact]
    public async Task Where_the_folder_cannot_be_written_the_call_goes_on_and_the_recording_is_partial()
    {
        string file = Path.Combine(_folder, "not-a-folder");
        await File.WriteAllTextAsync(file, "", Cancel);
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", file));
        using TestCall call = await TestCall.ConnectAsync(node);
        RecordingRequest request = Request(call);
        Assert.Null(await node.Client.RecordAsync(request, Cancel));
        await TestCall.PassesAsync(call.A, call.B);
        Assert.True((await node.Client.EndRecordingAsync(call.LegA.Session, request.Recording, Cancel)).IsPartial);
    }

    [Fact]
    public async Task A_recording_of_no_session_or_leg_is_refused()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node);
        Assert.NotNull(await node.Client.RecordAsync(Request(call) with { Session = TestNode.NewCall() }, Cancel));
        Assert.NotNull(await node.Client.RecordAsync(Request(call) with { Right = 9 }, Cancel));
        Assert.NotNull(await node.Client.RecordAsync(Request(call) with { Key = new byte[3] }, Cancel));
        Assert.False((await node.Client.EndRecordingAsync(call.LegA.Session, RecordingId.New(), Cancel)).Known);
    }

    [Theory]
    [InlineData("18", "18", LegFaults.NotDecodable)]
    [InlineData("18 0", "18 0", LegFaults.OtherCodecNeeded)]
    [InlineData("18 0", "18", LegFaults.NotDecodable)]                      // one has said no other
    public async Task What_only_passes_through_is_not_recorded_heard_or_mixed_as_silence(string formatsA, string formatsB, string fault)
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node, formatsA, formatsB);
        using var boss = new FakePeer();
        await TestCall.PassesAsync(call.A, call.B, payloadType: 18);
        Assert.Equal(fault, await node.Client.RecordAsync(Request(call), Cancel));
        Assert.Equal(fault, await node.Client.SuperviseAsync(await AnswerAsync(node, boss), call.LegA, SupervisionMode.Listen, Cancel));
        Assert.False(await node.Client.JoinAsync(call.LegB, new ConferencePlace { Conference = ConferenceId.New() }, Cancel));
        Assert.False(await node.Client.PromptAsync(call.LegA, new PromptRequest { Name = "notice", Sounds = ["en/call-recorded"] }, Cancel));
        Assert.Equal(1, node.Node.LegsUnheard);
        await TestCall.PassesAsync(call.A, call.B, payloadType: 18);        // they go on
        Assert.Empty(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Who_is_held_or_muted_in_such_a_codec_is_not_heard_all_the_same_and_music_comes_with_the_next_codec()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node, "18 8", "18 8");
        Assert.True(await node.Client.PromptAsync(call.LegB, new PromptRequest { Name = "music", Sounds = ["music/default"], Loop = true }, Cancel));
        Assert.True(await node.Client.PromptAsync(call.LegB, new PromptRequest { Name = "music", Sounds = ["music/default"], Loop = true }, Cancel));
        Assert.Equal(1, node.Node.LegsUnheard);
        call.A.Send(18, 0x11);
        await TestCall.PassesAsync(call.B, call.A, payloadType: 18);        // the loop has done what came before
        call.A.Send(18, 0x12);
        Assert.Null(await call.B.HearAsync(200));
        await ReofferAsync(call.LegB, call.B);
        Heard? music = await call.B.HearAsync();
        Assert.Equal((byte)8, music?.PayloadType);
        await node.Client.StopAsync(call.LegB, Cancel);
        await ReofferAsync(call.LegA, call.A);
        Assert.Null(await node.Client.RecordAsync(Request(call), Cancel));

        async Task ReofferAsync(LegId leg, FakePeer peer)
        {
            peer.Learn((await node.Client.OfferAsync(leg, TestCall.Policy() with { DecodableOnly = true }, null, Cancel)).LocalSdp);
            Assert.Equal("PCMA", (await node.Client.ReceiveAnswerAsync(leg, peer.Sdp("8", version: 2), Cancel)).Codec);
        }
    }

    [Fact]
    public async Task A_recording_that_runs_is_paused_goes_on_and_moves_whatever_is_spoken_by_then()        // SECURITY.md S34
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node, "8 18", "8 18");
        RecordingRequest request = Request(call);
        Assert.Null(await node.Client.RecordAsync(request, Cancel));
        await SpeakG729Async(node, call.LegB, call.B);
        Assert.Null(await node.Client.RecordAsync(request with { IsPaused = true }, Cancel));
        Assert.Null(await node.Client.RecordAsync(request, Cancel));
        Assert.Null(await node.Client.RecordAsync(request with { Left = call.LegB.Leg, Right = call.LegA.Leg }, Cancel));
        Assert.NotNull(await node.Client.RecordAsync(Request(call), Cancel));      // another one does not begin
    }

    [Fact]
    public async Task A_prompt_is_over_where_its_hearers_next_codec_only_passes_through_and_the_other_party_is_heard_again()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node, "8 18", "8 18");
        Assert.True(await node.Client.PromptAsync(call.LegB, new PromptRequest { Name = "notice", Sounds = ["en/call-recorded", "en/call-recorded"] }, Cancel));
        Assert.NotNull(await call.B.HearAsync());
        await SpeakG729Async(node, call.LegB, call.B);
        await SpeakG729Async(node, call.LegA, call.A);
        Assert.Equal("played notice Finished leg 2", await node.ReportAsync());
        while (await call.B.HearAsync(200) is not null)
        {
            // what was sent before
        }
        await TestCall.PassesAsync(call.A, call.B, payloadType: 18);
    }

    [Fact]
    public async Task A_second_part_takes_over_from_the_first_without_a_packet_between_when_a_party_becomes_wide()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node, "8 9", "8 9");
        RecordingRequest narrow = Request(call), wide = narrow with { Recording = RecordingId.New() };
        Assert.Null(await node.Client.RecordAsync(narrow, Cancel));
        List<short> before = [], after = [];
        for (int i = 0; i < 20; i++)
            before.AddRange(Said(await TestCall.PassesAsync(call.A, call.B, (byte)(i + 1))));
        Assert.True((await node.Client.ReceiveOfferAsync(call.LegB, TestCall.Policy(), call.B.Sdp("9", version: 2), Cancel)).Accepted);
        LegDescription agreed = await node.Client.AnswerAsync(call.LegB, call.LegA, Cancel);
        Assert.Equal(("G722", true), (agreed.Codec, agreed.IsWide));
        Assert.Null(await node.Client.RecordAsync(wide, Cancel));
        for (int i = 0; i < 20; i++)
        {
            byte[] payload = call.A.Send(8, (byte)(i + 100));
            Assert.NotNull(await call.B.HearAsync());
            after.AddRange(Said(payload));
        }
        RecordingFigures first = await node.Client.EndRecordingAsync(call.LegA.Session, narrow.Recording, Cancel);
        for (int i = 0; i < 20; i++)
        {
            byte[] payload = call.A.Send(8, (byte)(i + 150));
            Assert.NotNull(await call.B.HearAsync());
            after.AddRange(Said(payload));
        }
        RecordingFigures second = await node.Client.EndRecordingAsync(call.LegA.Session, wide.Recording, Cancel);
        Assert.Equal((false, false), (first.IsPartial, second.IsPartial));
        Contains(before, Samples(FileOf(narrow)), 0);
        short[] left = [.. Samples(FileOf(wide)).Where((_, i) => i % 2 == 0)];
        Assert.Contains(Enumerable.Range(0, 2), start => left.Where((_, i) => i % 2 == start).ToArray().AsSpan().IndexOf(after.Skip(160).Take(160).ToArray()) >= 0);
        Assert.Contains(Enumerable.Range(0, 2), start => left.Where((_, i) => i % 2 == start).ToArray().AsSpan().IndexOf(after.TakeLast(160).ToArray()) >= 0);

        string FileOf(RecordingRequest request) => RecordingSpool.ListFinished(_folder).Single(file => file.Recording == request.Recording).File;
    }

    [Fact]
    public async Task What_a_killed_node_left_is_made_ready_for_upload()
    {
        string left = RecordingSpool.FileOf(_folder, TenantId.New(), RecordingId.New());
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        await File.WriteAllBytesAsync(left, new byte[100], Cancel);
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        Assert.Single(RecordingSpool.ListFinished(_folder));
    }

    [Fact]
    public async Task What_another_node_writes_into_the_folder_is_left_to_it()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node);
        RecordingRequest request = Request(call);
        Assert.Null(await node.Client.RecordAsync(request, Cancel));
        List<short> said = [.. Said(await TestCall.PassesAsync(call.A, call.B, 1))];
        await using (TestNode another = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder)))
            Assert.Empty(RecordingSpool.ListFinished(_folder));
        said.AddRange(Said(await TestCall.PassesAsync(call.A, call.B, 2)));
        Assert.False((await node.Client.EndRecordingAsync(call.LegA.Session, request.Recording, Cancel)).IsPartial);
        Contains(said, Samples(Assert.Single(RecordingSpool.ListFinished(_folder)).File), 0);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static double Loudest(short[] samples, double hertz) => samples.Chunk(400).Where(piece => piece.Length == 400).Max(piece => ToneDetector.LevelAt(piece, 8000, hertz));

    /// <summary>The peer goes over to a codec that only passes through, whatever the other party speaks.</summary>
    private static async Task SpeakG729Async(TestNode node, LegId leg, FakePeer peer)
    {
        Assert.True((await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), peer.Sdp("18", version: 2), Cancel)).Accepted);
        LegDescription agreed = await node.Client.AnswerAsync(leg, null, Cancel);
        Assert.Equal((null, "G729", true), (agreed.Fault, agreed.Codec, agreed.IsOnlyPassed));
        peer.Learn(agreed.LocalSdp);
    }

    private static RecordingRequest Request(TestCall call) => new()
    {
        Recording = RecordingId.New(),
        Session = call.LegA.Session,
        Tenant = TenantId.New(),
        Key = RecordingBench.Key,
        Left = call.LegA.Leg,
        Right = call.LegB.Leg,
    };

    private static RecordingRequest Request(LegId alone) => new()
    {
        Recording = RecordingId.New(),
        Session = alone.Session,
        Tenant = TenantId.New(),
        Key = RecordingBench.Key,
        Left = alone.Leg,
    };

    private static async Task<LegId> AnswerAsync(TestNode node, FakePeer peer)
    {
        var leg = new LegId(TestNode.NewCall(), 0);
        Assert.True((await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), peer.Sdp("8 101"), Cancel)).Accepted);
        peer.Learn((await node.Client.AnswerAsync(leg, null, Cancel)).LocalSdp);
        return leg;
    }

    /// <summary>For a second, in life's time, one party says a tone and the other hears the conference.</summary>
    private static async Task<short[]> InRoomAsync(FakePeer hearer, FakePeer speaker, double hertz)
    {
        ToneGenerator tone = new(new Audio.Tones.Tone(hertz, LevelDbm0: -15), 8000);
        short[] samples = new short[160];
        byte[] payload = new byte[160];
        List<short> heard = [];
        while (await hearer.HearAsync(1) is not null)
        {
        }
        using PeriodicTimer frame = new(TimeSpan.FromMilliseconds(20));
        for (int i = 0; i < 50; i++)
        {
            tone.Read(samples);
            new ALawCodec().Encode(samples, payload);
            speaker.SendPayload(8, payload, false, speaker.Timestamp);
            speaker.Timestamp += 160;
            hearer.Send(8, OfA);
            if (await hearer.HearAsync() is { } packet)
                heard.AddRange(Said(packet.Payload));
            await frame.WaitForNextTickAsync(Cancel);
        }
        return [.. heard];
    }

    private static IEnumerable<short> Said(Heard heard) => Said(heard.Payload);

    private static IEnumerable<short> Said(byte[] payload) => payload.Select(G711.FromALaw);

    private static short[] Samples(string file) => RecordingBench.Wave(File.ReadAllBytes(file));

    // Packets of a test come faster than in life: where one is looked for, it is in order, but not always side by side with the next.
    private static int Contains(IEnumerable<short> said, short[] samples, int channel)
    {
        short[] heard = [.. samples.Where((_, i) => i % 2 == channel)];
        int first = -1, at = 0;
        foreach (short[] packet in said.Chunk(160))
        {
            int found = heard.AsSpan(at).IndexOf(packet);
            Assert.True(found >= 0, $"channel {channel} misses a packet of {packet[0]}");
            at += found + packet.Length;
            first = first < 0 ? at - packet.Length : first;
        }
        return first;
    }
}

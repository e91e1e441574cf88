using System.Security.Cryptography;
using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Control;
using CloudPbx.Media.Playback;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.Media.Tests.Playback;

/// <summary>The tenants' own sounds: sealed in the store, opened and played by a node.</summary>
public sealed class OwnSoundTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cloudpbx-own-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_tenants_hear_their_own_sounds_at_the_frequencies_that_they_uploaded()
    {
        await using TestNode node = await TestNode.StartAsync(settings: [("Blobs:Folder", _folder)]);
        OwnSound ofA = await StoreAsync(523), ofB = await StoreAsync(1250);
        using FakePeer a = new(), b = new();
        LegId legA = await AnswerAsync(node, a), legB = await AnswerAsync(node, b);
        foreach ((LegId leg, OwnSound own) in new[] { (legA, ofA), (legB, ofB) })
            Assert.True(await node.Client.PromptAsync(leg, new PromptRequest { Name = "hold", Sounds = [own.Name], Loop = true, Own = [own] }, Cancel));
        Assert.InRange(ToneDetector.Measure(await DecodeAsync(a), 8000).Hertz, 520, 526);
        Assert.InRange(ToneDetector.Measure(await DecodeAsync(b), 8000).Hertz, 1245, 1255);
    }

    [Fact]
    public async Task A_sound_that_cannot_be_had_is_the_built_in_one_and_without_that_it_is_over_at_once()
    {
        await using TestNode node = await TestNode.StartAsync(settings: [("Blobs:Folder", _folder)]);
        OwnSound gone = new() { Tenant = TenantId.New(), Audio = RecordingId.New(), Key = new byte[32] };
        using FakePeer peer = new();
        LegId leg = await AnswerAsync(node, peer);
        Assert.True(await node.Client.PromptAsync(leg, new PromptRequest { Name = "nothing", Sounds = [gone.Name], Own = [gone] }, Cancel));
        Assert.Equal("played nothing Finished leg 1", await node.ReportAsync());
        Assert.True(await node.Client.PromptAsync(leg, new PromptRequest { Name = "instead", Sounds = [gone.Name], Own = [gone with { Instead = "dtmf/5" }] }, Cancel));
        Assert.Equal("played instead Finished leg 1", await node.ReportAsync());
        Assert.NotNull(await peer.HearAsync());
        Assert.False(await node.Client.PromptAsync(leg, new PromptRequest { Name = "unnamed", Sounds = ["own/" + RecordingId.New()] }, Cancel));
    }

    [Fact]
    public async Task Another_tenants_name_or_key_opens_nothing()
    {
        OwnSound own = await StoreAsync(523);
        OwnSounds sounds = new(new FolderBlobStore(_folder), 1 << 24, NullLogger.Instance);
        Assert.Null(await sounds.LoadAsync(own with { Tenant = TenantId.New() }));
        OwnAudio? noise = await sounds.LoadAsync(own with { Key = RandomNumberGenerator.GetBytes(32) });
        Assert.True(noise is null || noise.Find(AudioFormat.Pcma, 20)![0].ToArray().Distinct().Count() == 1, "silence at most");
    }

    [Fact]
    public async Task Sounds_that_played_last_are_kept_up_to_a_limit()
    {
        List<OwnSound> own = [];
        for (int i = 0; i < 5; i++)
            own.Add(await StoreAsync(500 + (i * 100)));
        OwnSounds sounds = new(new FolderBlobStore(_folder), 3 * 64_000, NullLogger.Instance);      // three seconds of them
        OwnAudio? first = await sounds.LoadAsync(own[0]);
        Assert.Same(first, await sounds.LoadAsync(own[0]));
        foreach (OwnSound sound in own)
        {
            Assert.NotNull(await sounds.LoadAsync(sound));
            Assert.InRange(sounds.Weight, 64_000, 3 * 64_000);
        }
        Assert.NotSame(first, await sounds.LoadAsync(own[0]));
        Assert.Same(await sounds.LoadAsync(own[4]), await sounds.LoadAsync(own[4]));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<OwnSound> StoreAsync(double hertz)
    {
        OwnSound own = new() { Tenant = TenantId.New(), Audio = RecordingId.New(), Key = RandomNumberGenerator.GetBytes(32), Instead = "music/default" };
        short[] samples = new short[16000];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (short)(8000 * Math.Sin(2 * Math.PI * hertz * i / 16000));
        using MemoryStream stored = new(SealedAudio.Mono(16000, own.Audio).SealAll(own.Key.Span, UploadDecoder.ToOctets(samples)));
        await new FolderBlobStore(_folder).PutAsync(BlobPath.Prompt(own.Tenant, own.Audio), stored, Cancel);
        return own;
    }

    private static async Task<LegId> AnswerAsync(TestNode node, FakePeer peer)
    {
        var leg = new LegId(TestNode.NewCall(), 1);
        Assert.True((await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), peer.Sdp("8 101"), Cancel)).Accepted);
        peer.Learn((await node.Client.AnswerAsync(leg, null, Cancel)).LocalSdp);
        return leg;
    }

    /// <summary>Half a second of what the peer hears.</summary>
    private static async Task<short[]> DecodeAsync(FakePeer peer)
    {
        byte[] octets = new byte[4096];
        for (int at = 0; at < octets.Length;)
        {
            byte[] payload = (await peer.HearAsync(5000) ?? throw new InvalidOperationException("silence")).Payload;
            int take = Math.Min(payload.Length, octets.Length - at);
            payload.AsSpan(0, take).CopyTo(octets.AsSpan(at));
            at += take;
        }
        short[] samples = new short[octets.Length];
        G711.DecodeALaw(octets, samples);
        return samples;
    }
}

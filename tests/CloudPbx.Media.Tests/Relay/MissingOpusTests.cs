using System.Collections.Concurrent;
using CloudPbx.Audio.Codecs;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Logging;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>Alone: what the whole process has is taken away.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MissingOpusGroup
{
    public const string Name = "missing libopus";
}

/// <summary>A machine without libopus: Opus is passed through, and made into nothing else.</summary>
[Collection(MissingOpusGroup.Name)]
public sealed class MissingOpusTests : IDisposable
{
    private readonly bool _before = Libopus.IsPresent;

    public MissingOpusTests() => Libopus.IsPresent = false;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Opus_alone_beside_PCMA_alone_has_no_common_codec()                 // call control: 488, Warning 305 (RFC 3261 §20.43)
    {
        await using TestNode node = await TestNode.StartAsync();
        using FakePeer a = new(), b = new();
        LegId caller = new(TestNode.NewCall(), 1), callee = new(caller.Session, 2);
        Assert.True((await node.Client.ReceiveOfferAsync(caller, TestCall.Policy(), a.Sdp("96 101"), Cancel)).Accepted);
        LegDescription offer = await node.Client.OfferAsync(callee, TestCall.Policy(), caller, Cancel);
        Assert.Contains("opus/48000/2", offer.LocalSdp!, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("PCMA", offer.LocalSdp!, StringComparison.Ordinal);         // it would not be understood
        Assert.Equal(LegFaults.NoCommonCodec, (await node.Client.ReceiveAnswerAsync(callee, b.Sdp("8 101"), Cancel)).Fault);
    }

    [Fact]
    public async Task A_party_that_speaks_PCMA_already_cannot_be_joined_by_one_of_Opus_alone()
    {
        await using TestNode node = await TestNode.StartAsync();
        using FakePeer a = new(), b = new();
        LegId caller = new(TestNode.NewCall(), 1), callee = new(caller.Session, 2);
        Assert.True((await node.Client.ReceiveOfferAsync(callee, TestCall.Policy(), b.Sdp("8 101"), Cancel)).Accepted);
        Assert.True((await node.Client.AnswerAsync(callee, null, Cancel)).Accepted);
        Assert.True((await node.Client.ReceiveOfferAsync(caller, TestCall.Policy(), a.Sdp("96 101"), Cancel)).Accepted);
        Assert.Equal(LegFaults.NoCommonCodec, (await node.Client.AnswerAsync(caller, callee, Cancel)).Fault);
    }

    [Fact]
    public async Task Opus_beside_Opus_passes_through()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "96 101", "96 101");
        for (byte i = 0; i < 5; i++)
        {
            await TestCall.PassesAsync(call.A, call.B, i, 96);
            await TestCall.PassesAsync(call.B, call.A, i, 96);
        }
    }

    [Fact]
    public async Task A_party_of_Opus_and_more_speaks_what_the_other_one_has()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "96 8 101", "8 101");
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_log_says_at_start_what_to_install_where_it_is_missing(bool present)
    {
        Libopus.IsPresent = present;
        using var log = new Lines();
        await using TestNode node = await TestNode.StartAsync(log);
        Assert.Equal(present ? [] : [(LogLevel.Warning, OpusCodec.Missing)], log.All.Where(line => line.Text.Contains("Opus", StringComparison.Ordinal)));
        Assert.Contains("apt install libopus0", OpusCodec.Missing, StringComparison.Ordinal);
    }

    public void Dispose() => Libopus.IsPresent = _before;

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}

using CloudPbx.Edge.Guard;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Edge.Tests;

/// <summary>S12: an outage's end brings all phones back at once, each with a TLS handshake.</summary>
public sealed class HandshakeGateTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S12_few_handshakes_compute_at_a_time_and_the_others_follow_in_their_order()
    {
        using HandshakeGate gate = new(_time);
        IDisposable[] places = await FillAsync(gate);
        ValueTask<IDisposable?> first = gate.EnterAsync(Cancel), second = gate.EnterAsync(Cancel);
        Assert.False(first.IsCompleted);
        places[0].Dispose();
        places[0].Dispose();                                        // ended twice gives back one place
        Assert.NotNull(await first);
        Assert.False(second.IsCompleted);
        places[^1].Dispose();
        Assert.NotNull(await second);
    }

    [Fact]
    public async Task S20_a_peer_that_does_not_go_on_with_its_handshake_holds_up_nobody()
    {
        using HandshakeGate gate = new(_time);
        IDisposable[] stalled = await FillAsync(gate);
        ValueTask<IDisposable?> next = gate.EnterAsync(Cancel);
        _time.Advance(HandshakeGate.Longest);
        Assert.NotNull(await next);
        foreach (IDisposable place in stalled)
            place.Dispose();
    }

    [Fact]
    public async Task Whoever_gives_up_while_waiting_leaves_its_turn_to_the_next()
    {
        using HandshakeGate gate = new(_time);
        IDisposable[] places = await FillAsync(gate);
        using CancellationTokenSource gone = new();
        ValueTask<IDisposable?> leaving = gate.EnterAsync(gone.Token), next = gate.EnterAsync(Cancel);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await leaving);
        places[0].Dispose();
        Assert.NotNull(await next);
    }

    private static async Task<IDisposable[]> FillAsync(HandshakeGate gate)
    {
        var places = new IDisposable[HandshakeGate.Places];
        for (int i = 0; i < places.Length; i++)
            places[i] = (await gate.EnterAsync(Cancel))!;
        return places;
    }
}

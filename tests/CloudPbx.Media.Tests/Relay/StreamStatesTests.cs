using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Tests.Relay;

public sealed unsafe class StreamStatesTests
{
    [Fact]
    public void A_state_has_lines_of_its_own_and_is_empty_whoever_had_it_before()
    {
        using StreamStates states = new(3);
        int first = states.Take(), second = states.Take();
        Assert.Equal((0, 0), ((nint)states[first] % 64, (nint)states[second] % 64));
        Assert.True((byte*)states[second] - (byte*)states[first] >= sizeof(StreamState));
        states[first]->PacketsSent = states[second]->PacketsSent = 5;
        states[first]->Hearer = states[second];
        states.Free(first);
        Assert.Equal(first, states.Take());
        Assert.True(states[first]->Hearer is null);
        Assert.Equal((0L, 5L), (states[first]->PacketsSent, states[second]->PacketsSent));
    }

    [Fact]
    public void The_last_one_ends_inside_of_the_memory_too()
    {
        List<StreamStates> all = [.. Enumerable.Range(0, 64).Select(_ => new StreamStates(1))];      // side by side: whoever writes too far hits a neighbour, which the allocator notices
        foreach (StreamStates states in all)
            new Span<byte>(states[states.Take()], sizeof(StreamState)).Fill(0xFF);
        foreach (StreamStates states in all)
            states.Dispose();
    }

    [Fact]
    public void There_are_as_many_as_were_foreseen_and_one_that_is_nobodys()
    {
        using StreamStates states = new(3);
        int[] numbers = [states.Take(), states.Take(), states.Take()];
        Assert.Equal(3, numbers.Distinct().Count());
        Assert.DoesNotContain(numbers, number => states[number] == states.Nobodys);
        Assert.Throws<InvalidOperationException>(() => states.Take());
    }
}

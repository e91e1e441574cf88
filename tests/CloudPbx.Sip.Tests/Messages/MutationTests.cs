using CloudPbx.TestKit.Fuzzing;

namespace CloudPbx.Sip.Tests.Messages;

/// <summary>Broken messages by the thousand, the same at every run. CloudPbx.Fuzz goes on from here with other seeds.</summary>
public class MutationTests
{
    [Fact]
    public void Mutated_messages_break_no_reader()
    {
        Mutator mutator = new(SipSeeds.Messages, seed: 4475);
        for (int i = 0; i < 25_000; i++)
            SipTargets.Message(mutator.Next());
    }

    [Fact]
    public void Mutated_URIs_addresses_and_Vias_break_no_reader()
    {
        Mutator mutator = new(SipSeeds.Uris, seed: 3261);
        for (int i = 0; i < 60_000; i++)
            SipTargets.Uri(mutator.Next());
    }

    [Fact]
    public void Mutated_streams_frame_the_same_however_they_are_cut()
    {
        Mutator mutator = new(SipSeeds.Streams, seed: 5626);
        for (int i = 0; i < 15_000; i++)
            SipTargets.Framer(mutator.Next());
    }
}

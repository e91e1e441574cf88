using CloudPbx.Sip.Dialogs;

namespace CloudPbx.Sip.Tests.Dialogs;

/// <summary>Every state and every input (RFC 3264 §4, RFC 6337 §2).</summary>
public class OfferAnswerMachineTests
{
    [Fact]
    public void One_offer_is_open_at_a_time_and_a_refusal_leaves_what_was_agreed()
    {
        // columns: SendOffer, ReceiveOffer, SendAnswer, ReceiveAnswer, Refuse; a dash is "not now"
        string[] table =
        [
            "None          FirstSent FirstReceived - - -",
            "FirstSent     - - - Agreed None",
            "FirstReceived - - Agreed - None",
            "Agreed        Sent Received - - -",
            "Sent          - - - Agreed Agreed",
            "Received      - - Agreed - Agreed",
        ];
        Assert.Equal(Enum.GetValues<OfferState>().Length, table.Length);
        foreach (string line in table)
        {
            string[] row = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            OfferState state = Enum.Parse<OfferState>(row[0]);
            foreach (OfferInput input in Enum.GetValues<OfferInput>())
            {
                string expected = row[1 + (int)input];
                Assert.Equal(expected == "-" ? null : Enum.Parse<OfferState>(expected), OfferAnswerMachine.Step(state, input));
            }
        }
    }

    [Theory]
    [InlineData(OfferState.None, 500)]                                        // RFC 3311 §5.1: not before the first one was answered
    [InlineData(OfferState.Agreed, 0)]
    [InlineData(OfferState.FirstSent, 491)]                                   // RFC 3311 §5.2: we have generated an offer that has no answer
    [InlineData(OfferState.Sent, 491)]
    [InlineData(OfferState.FirstReceived, 500)]                               // RFC 3311 §5.2: an offer that we have not answered
    [InlineData(OfferState.Received, 500)]
    public void An_offer_at_the_wrong_time_is_refused(OfferState state, int expected) => Assert.Equal(expected, OfferAnswerMachine.RefusalOf(state));
}

using CloudPbx.MediaControl;

namespace CloudPbx.Media.Relay;

/// <summary>What streams report to their controller. Called on a loop: implementations only queue.</summary>
internal interface ILegReports
{
    void Digit(LegId leg, char digit, int durationMilliseconds);

    void Silent(LegId leg);

    void Played(LegId leg, string name, PromptEnd end, char digit);

    void Speaking(LegId leg, bool speaks);
}

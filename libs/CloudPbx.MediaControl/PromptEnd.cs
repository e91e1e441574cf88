namespace CloudPbx.MediaControl;

/// <summary>What ended a prompt.</summary>
public enum PromptEnd
{
    /// <summary>It was heard to its end.</summary>
    Finished,

    /// <summary>A command, or what was played instead.</summary>
    Stopped,

    /// <summary>One of the digits that it was to end by.</summary>
    Digit,
}

using Orleans;

namespace CloudPbx.Grains;

/// <summary>What somebody who leads a live call from outside may have done to it.</summary>
[GenerateSerializer, Alias("CloudPbx.CallAction")]
public enum CallAction
{
    /// <summary>A party holds: the other one hears music, and it hears nothing.</summary>
    Hold,

    /// <summary>The party talks again.</summary>
    Resume,

    /// <summary>A party is heard by nobody.</summary>
    Mute,

    /// <summary>The party is heard again.</summary>
    Unmute,

    /// <summary>The call is recorded from now on.</summary>
    StartRecording,

    /// <summary>What is said is not recorded for a while.</summary>
    PauseRecording,

    /// <summary>The recording goes on.</summary>
    ResumeRecording,

    /// <summary>The recording ends; neither a transfer nor a policy begins another one.</summary>
    StopRecording,
}

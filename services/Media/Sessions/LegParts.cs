using CloudPbx.Media.Mixing;
using CloudPbx.Media.Playback;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Sessions;

/// <summary>What all legs of a node share.</summary>
/// <param name="Builder">Makes settings of what was agreed on.</param>
/// <param name="Addresses">The node's addresses.</param>
/// <param name="Sounds">What can be played.</param>
/// <param name="OwnSounds">Tenants' own.</param>
/// <param name="Mixer">Conferences.</param>
/// <param name="Unheard">Hears of a leg that was to be played something in a codec that can only be passed on, once for each leg, with the codec.</param>
internal sealed record LegParts(SettingsBuilder Builder, AddressPlan Addresses, SoundLibrary Sounds, OwnSounds OwnSounds, Mixer Mixer, Action<LegId, string> Unheard);

using CloudPbx.Media.Mixing;
using CloudPbx.Media.Playback;

namespace CloudPbx.Media.Sessions;

/// <summary>What all legs of a node share.</summary>
internal sealed record LegParts(SettingsBuilder Builder, AddressPlan Addresses, SoundLibrary Sounds, OwnSounds OwnSounds, Mixer Mixer);

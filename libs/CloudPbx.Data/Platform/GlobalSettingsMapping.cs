using CloudPbx.Contracts.Api;
using CloudPbx.Data.Conversions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Platform;

internal sealed class GlobalSettingsMapping : IEntityTypeConfiguration<GlobalSettings>
{
    public void Configure(EntityTypeBuilder<GlobalSettings> builder)
    {
        builder.ToTable("global_settings");
        builder.HasKey(s => s.Id);
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.Settings).HasConversion(new JsonTextConverter<PlatformSettings>(), JsonTextConverter<PlatformSettings>.Comparer);
        builder.Property(s => s.Version).IsConcurrencyToken();
    }
}

"""A small real training, watched by CodeCarbon and carbontracker: the logs beside this file come from it.

pip install codecarbon carbontracker scikit-learn
python train.py
"""

from carbontracker.tracker import CarbonTracker
from codecarbon import OfflineEmissionsTracker
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

EPOCHS = 6
STEPS_AN_EPOCH = 120

digits = load_digits()
model = MLPClassifier(hidden_layer_sizes=(512, 256), random_state=1)

# The machine has no network, so the country is stated by hand.
codecarbon = OfflineEmissionsTracker(country_iso_code="FRA", project_name="digits-mlp", output_dir="logs", log_level="error")
carbontracker = CarbonTracker(epochs=EPOCHS, monitor_epochs=-1, log_dir="logs", verbose=0)
codecarbon.start()
for _ in range(EPOCHS):
    carbontracker.epoch_start()
    for _ in range(STEPS_AN_EPOCH):
        model.partial_fit(digits.data / 16, digits.target, classes=range(10))
    carbontracker.epoch_end()
carbontracker.stop()
codecarbon.stop()
print("training accuracy", model.score(digits.data / 16, digits.target))
